"""Where people's requests to a running agent are taken and seen to; implements agent.controls."""
