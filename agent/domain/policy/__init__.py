"""When evidence becomes an incident: pure state machines; time is an argument."""
