-- What investigation may not do is also said in so many words.
DENY EXECUTE ON org.UpdateCustomer TO investigation;
