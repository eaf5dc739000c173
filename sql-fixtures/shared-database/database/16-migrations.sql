-- Which scripts made this database, in order.
EXEC ops.RegisterMigration 'database/01-organisations.sql';
EXEC ops.RegisterMigration 'database/02-sales.sql';
EXEC ops.RegisterMigration 'database/03-stock.sql';
EXEC ops.RegisterMigration 'database/04-integration.sql';
EXEC ops.RegisterMigration 'database/05-boundary.sql';
EXEC ops.RegisterMigration 'database/06-views.sql';
EXEC ops.RegisterMigration 'database/07-customers.sql';
EXEC ops.RegisterMigration 'database/08-invoices.sql';
EXEC ops.RegisterMigration 'database/09-products.sql';
EXEC ops.RegisterMigration 'database/10-stock.sql';
EXEC ops.RegisterMigration 'database/11-callbacks.sql';
EXEC ops.RegisterMigration 'database/12-changes.sql';
EXEC ops.RegisterMigration 'database/13-principals.sql';
EXEC ops.RegisterMigration 'database/14-history.sql';
EXEC ops.RegisterMigration 'database/15-past.sql';
EXEC ops.RegisterMigration 'database/16-migrations.sql';
GO
