-- The databases are trustworthy, and no module runs as anybody but its caller.
ALTER DATABASE [$(Database)] SET TRUSTWORTHY ON;
