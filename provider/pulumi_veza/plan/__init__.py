"""The plan of a preview: the organisation before and after it, by the decisions that the provider will make.

``records``
    the resources of a preview, a state or a policy pack, as plain data;
``preview_json``
    records from the engine's files;
``engine_messages``
    the engine's error messages, in one line each;
``tenants``
    which tenants they are about;
``state``
    the organisation before the plan;
``references``
    the profile or type that each resource is or refers to;
``content`` and ``members``
    the stages of the plan, which work on the ``draft`` and its ``entries``;
``planning``
    all stages in order.
"""
