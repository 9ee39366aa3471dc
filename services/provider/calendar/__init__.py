"""The public calendar: a read model of what is on offer and when, and how it is looked through.

`writing` keeps its tables, from the service's own events and in their transaction; `reading` looks through
them for pages. It owns nothing: deleting its rows and reading the events again rebuilds it. Of whom to reach
it keeps nothing, and of people nothing at all but how many places are taken.
"""
