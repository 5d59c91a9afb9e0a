/** Runs before a server's container is created, and removes the one that has its name. */
import { MAKE_WAY } from "../../core/programs/permit";
import { makeWay } from "./permit";
import { serve } from "../lib/served";

export const served = serve(MAKE_WAY, makeWay);
