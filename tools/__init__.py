"""What can be done: the `Tool` contract, the registry, the hosts and the tools themselves."""
