"""How the parts of the agent are put together, one file a concern; agent.service starts and stops them."""
