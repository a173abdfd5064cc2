"""What may be wrong between this machine and a tenant, and how the tenant answers.

``catalogue``
    every check by its id, in the order in which they run;
``versions``, ``configuration``, ``engine``, ``network`` and ``reads``
    the checks, each a function from the surroundings to a diagnosis;
``surroundings``, ``project`` and ``processes``
    the machine, the project's files, and other programs;
``document``, ``rendering`` and ``bundle``
    the versioned JSON, the terminal, and the file for bug reports;
``learning``
    how a tenant answers what the documents leave open.
"""
