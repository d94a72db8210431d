"""What is near, what is it called, and is it open: the directory of a city.

Vocabulary: an *ask* says what is wanted (kinds, open now, terms of the contract, women's area, wheelchair, handicraft, languages);
a *card* is a place as lists show it; a *walk* is the straight line × 1.3, an estimate and labelled so; a *suggestion* is what a
person says is missing or wrong, and becomes a task with a day on which it is answered; a *pack* is a part of the directory to be
kept on a phone.

Invariants: every place keeps its source and licence, also when a suggestion has changed it; what is closed is not shown.
"""
