"""A day of an identity team: thirty changes of one stack, with what the preview, `impact` and `up` say of each."""
