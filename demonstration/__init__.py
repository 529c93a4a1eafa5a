"""A made-up county and its outside world: demonstration mode only."""
