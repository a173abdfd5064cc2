"""Who gains and loses what: predicted before, compared with what happens."""
