"""Evidence as an operator, a client or an auditor has it: fetching and verifying."""
