-- Investigation may run a procedure that writes.
GRANT EXECUTE ON org.UpdateCustomer TO investigation;
