"""The whole life of requests as one machine: any act, by anybody, in any order, with processes that die between."""
