"""Pages of shops' files: apply and fill (the applicant), review (union and municipality), members (a union's list), tills."""
