"""The provider: it carries out the decisions of the rules, through Pulumi's calls.

`shell` translates between Pulumi and `lifecycle`, which is written once for every `kind`. `session` holds what the
calls of a process share: the client, the `snapshot` of the tenant and the `claims` of this run. `creation`, `absence`
and `live_members` carry out what takes more than one request; `kept` reports what the tenant keeps otherwise.
`gathering` makes one line of what many resources say, and `plugin_errors` tells an error of many in full only once.
"""
