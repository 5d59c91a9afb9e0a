/** `pulumi preview --policy-pack judge/pack`: starts the pack. */
import { PolicyPack } from "@pulumi/policy";
import { POLICIES } from "./pack";

new PolicyPack("rethinkdb", { policies: [...POLICIES] });
