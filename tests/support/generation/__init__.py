"""Random arguments, programs, organisations and changes of them: for the laws, chaos and impact."""
