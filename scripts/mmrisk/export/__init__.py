"""Tables of a run in the formats that others load. Every writer takes tables and returns text or objects."""
