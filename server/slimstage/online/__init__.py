"""The online mode: exact figures from the registries a build would ask. Off unless a user switches it on.

The only room that talks to a network. Nothing below the edges imports it, and the edges import it only when the user
asks; what cannot be had is left to the offline estimate.
"""
