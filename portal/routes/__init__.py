"""One module a task: entrance, live, city, me, shops, terminals, desk."""
