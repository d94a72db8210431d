"""Use cases of onboarding: filing (the applicant), deciding (the reviewers), issuing (tills), importing (a union's members)."""
