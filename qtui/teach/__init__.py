"""A class: many people see what one shows, each in a qtui of their own.

`room` is the state of a class, as plain values; `protocol` and `messages` are what is said in it, line by line.
`service` keeps the room and its lines; `server` lets people in over SSH, each as a process that `warm` forks.
"""
