"""The fault campaign: whatever happens to any request, nothing is lost and nothing is double.

A campaign is a seed. It chooses a world and a chapter of its story, disturbs the run of
that chapter, lets Drumbeat run again until it rests, and compares what is there with the
same chapter undisturbed. All of Drumbeat is real, and all of the embedded GitLab; only the
wire between them is made of function calls, so that hundreds of campaigns take minutes.

    python -m tests.faults --runs 500 --seed 1

- `inside`     the embedded GitLab without sockets, and its people.
- `worlds`     organisations with every kind of change, and what their people do.
- `trouble`    what can happen to a request.
- `running`    one run of Drumbeat over a wire of ours.
- `looking`    what is there, in words that two GitLabs can be compared by; the laws.
- `campaign`   from a seed to what it broke; two runs at once in `overlap`, and what people
  and administrators do while a run is under way in `meanwhile`.
- `regressions`  seeds that once failed.
"""
