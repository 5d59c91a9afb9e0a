/** What is shown of Pulumi's account where its live view is not seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Steps } from "../../../cli/print/steps";

test("shows each server's steps, what programs say, and the end; and nothing of the rest", () => {
  const account = `Updating (local):

@ updating....
 ~  pulumi:pulumi:Stack rethinkdb-local refreshing (0s)
 ~  docker:index:Container rethinkdb-n0 refreshing (0s)
 ~  docker:index:Container rethinkdb-n0 refresh (0.42s)
    pulumi:pulumi:Stack rethinkdb-local running
 +  tls:index:PrivateKey rethinkdb-n0-driver-key creating (0s)
 +  tls:index:PrivateKey rethinkdb-n0-driver-key created (0.05s)
 ~  rethinkdb:index:RethinkdbCluster rethinkdb updating (0s) [diff: ~memoryMib]
 ~  rethinkdb:index:RethinkdbCluster rethinkdb updating (0s) [diff: ~memoryMib]; warning: nodes: 2 servers survive no failure
 ~  rethinkdb:index:RethinkdbCluster rethinkdb updated (0s) [diff: ~memoryMib]; warning: nodes: 2 servers survive no failure
 +- command:local:Command rethinkdb-n0-permit updating (0s) [diff: ~stdin]
 ~  command:local:Command rethinkdb-n0-permit updating (0s) [diff: ~stdin]; n0: hands over shop.items to n1
 ~  command:local:Command rethinkdb-n0-permit updated (3s) [diff: ~stdin]; n0: hands over shop.items to n1
 -- docker:index:Container rethinkdb-n0 deleting original (0s) [diff: ~memory]
 -- docker:index:Container rethinkdb-n0 deleted original (3s) [diff: ~memory]
 +- docker:index:Container rethinkdb-n0 replacing (0s) [diff: ~memory]
 +- docker:index:Container rethinkdb-n0 replaced (0.00s) [diff: ~memory]
 ++ docker:index:Container rethinkdb-n0 creating replacement (0s) [diff: ~memory]
 ++ docker:index:Container rethinkdb-n0 created replacement (0.78s) [diff: ~memory]
@ updating....
 ~  command:local:Command rethinkdb-n0-member updated (0.5s) [diff: ~stdin]
    docker:index:Container rethinkdb-n1
 +  command:local:Command rethinkdb-admin **creating failed** error: no server answers
    pulumi:pulumi:Stack rethinkdb-local
Diagnostics:
  command:local:Command (rethinkdb-admin):
    error: no server answers

Resources:
    ~ 2 updated

Duration: 5s
`;
  const steps = new Steps();
  assert.equal(
    account
      .split("\n")
      .filter((line) => steps.shows(line))
      .join("\n"),
    `Updating (local):

 ~  rethinkdb:index:RethinkdbCluster rethinkdb updating (0s) [diff: ~memoryMib]; warning: nodes: 2 servers survive no failure
 ~  command:local:Command rethinkdb-n0-permit updating (0s) [diff: ~stdin]; n0: hands over shop.items to n1
 -- docker:index:Container rethinkdb-n0 deleted original (3s) [diff: ~memory]
 ++ docker:index:Container rethinkdb-n0 created replacement (0.78s) [diff: ~memory]
 +  command:local:Command rethinkdb-admin **creating failed** error: no server answers
Diagnostics:
  command:local:Command (rethinkdb-admin):
    error: no server answers

Resources:
    ~ 2 updated

Duration: 5s
`,
  );
});
