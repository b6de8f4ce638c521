"""The marrow against events and risk labels: what differs between groups of patients, how sure that is, and why not."""
