"""Who gains and loses what: effective access, the plan, the report and its page, the graph; held against reality."""
