/** `pulumi preview --policy-pack policy`: starts the pack. */
import { PolicyPack } from "@pulumi/policy";
import { POLICIES } from "./pack";

new PolicyPack("rethinkdb", { policies: [...POLICIES] });
