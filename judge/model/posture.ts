/** Reads a set of resources into facts. */
import { type Fact, type Note, noteInto, subjectId } from "./fact";
import { type Family, type Property } from "./property";
import { ACCOUNTS, readAccounts } from "../facts/accounts";
import { BINDS, readBinds } from "../facts/server/binds";
import { CERTIFICATES, readCertificates } from "../facts/certificates";
import { KEYS } from "../facts/keys";
import { NAMES } from "../facts/names";
import { PROGRAM_FACTS, readPrograms } from "../facts/programs";
import { ENVIRONMENT, readEnvironment } from "../facts/server/environment";
import { HEALTH, readNames, readServerInputs } from "../facts/server/health";
import { readRequests, REQUESTS } from "../facts/requests";
import { readTrust, TRUST } from "../facts/trust";
import { FLAGS, readOptions } from "../facts/server/flags";
import { ENGINE, readEngines } from "../facts/engine";
import { FOREIGN, readForeign } from "../facts/foreign";
import { HARDENING, readHardening } from "../facts/server/hardening";
import { HTTP, readHttp } from "../facts/server/http";
import { IMAGE, readImage } from "../facts/server/image";
import { LIMITS, readLimits } from "../facts/server/limits";
import { MOUNTS, readMounts } from "../facts/server/mounts";
import { ORDER, readOrder } from "../facts/order";
import { PORTS, readPorts } from "../facts/server/ports";
import { readSecrets, SECRETS } from "../facts/secrets";
import { readMemberships, readSurroundings, SURROUNDINGS } from "../facts/stack";
import { readTls, TLS } from "../facts/server/tls";
import { readOptionsOf, readVolumes, VOLUMES } from "../facts/volumes";
import { readProxy, readWebUi, SAID_OF_PROXY, WEB_UI } from "../facts/webUi";
import { containerSubject, type Place, Places, resourceSubject, STACK, UI_SUBJECT } from "./places";
import { type ResourceSet, TYPES } from "./resources";

export const FAMILIES: Readonly<Record<string, Family>> = {
  ports: PORTS,
  accounts: ACCOUNTS,
  binds: BINDS,
  http: HTTP,
  tls: TLS,
  certificates: CERTIFICATES,
  flags: FLAGS,
  image: IMAGE,
  hardening: HARDENING,
  mounts: MOUNTS,
  limits: LIMITS,
  volumes: VOLUMES,
  health: HEALTH,
  environment: ENVIRONMENT,
  keys: KEYS,
  names: NAMES,
  trust: TRUST,
  programs: PROGRAM_FACTS,
  requests: REQUESTS,
  order: ORDER,
  engine: ENGINE,
  secrets: SECRETS,
  surroundings: SURROUNDINGS,
  foreign: FOREIGN,
  webUi: WEB_UI,
};

const PROPERTIES: ReadonlyMap<string, Property> = new Map(Object.values(FAMILIES).flatMap((f) => Object.entries(f)));

export function propertyOf(name: string): Property {
  const found = PROPERTIES.get(name);
  if (found === undefined) throw new Error(`no property "${name}" is defined`);
  return found;
}

export interface Posture {
  readonly places: Places;
  /** By id; one fact a thing. */
  readonly facts: ReadonlyMap<string, Fact>;
  /** Ids of everything that is there, also of what there is no fact about. */
  readonly subjects: ReadonlySet<string>;
}

export function readPosture(set: ResourceSet): Posture {
  const places = new Places(set);
  const facts: Fact[] = [];
  for (const place of places.ofType(TYPES.container)) readContainer(place, places, facts);
  readCertificates(places, facts);
  readVolumes(places, facts);
  readOrder(places, facts);
  readPrograms(places, facts);
  readRequests(places, facts);
  readAccounts(places, facts);
  readWebUi(places, facts);
  readSurroundings(places, facts);
  readEngines(places, facts);
  readSecrets(places, facts);
  for (const place of places.all) readOptionsOf(place, places, facts);
  readForeign(places, facts);
  const subjects = [...facts.map(({ subject }) => subject), ...places.all.map(resourceSubject)];
  if (set.resources.length > 0) subjects.push(STACK);
  return {
    places,
    facts: new Map(facts.map((fact) => [fact.id, fact])),
    subjects: new Set(subjects.map(subjectId)),
  };
}

function readContainer(place: Place, places: Places, facts: Fact[]): void {
  const { inputs, urn } = place.resource;
  const { argv, part } = place;
  const note = noteInto(facts, containerSubject(place), urn);
  readPorts(inputs, note);
  readImage(inputs, note, argv !== undefined);
  readHardening(inputs, note);
  readMounts(place, places, note);
  readLimits(inputs, note);
  readEnvironment(inputs, note);
  readMemberships(place, note);
  readNames(place, note);
  if (part === "server") {
    readServerInputs(place, note);
    readTrust(inputs, note);
  }
  if (argv === undefined) return;
  const isUiProxy = part === "proxy" && place.cluster !== "";
  const noteOption: Note = (property, grade, detail) => {
    if (!isUiProxy || !SAID_OF_PROXY.includes(property)) note(property, grade, detail);
  };
  readBinds(argv, inputs, noteOption);
  readHttp(argv, noteOption);
  readTls(argv, noteOption);
  readOptions(argv, inputs["memory"], noteOption);
  if (isUiProxy) readProxy(place, argv, noteInto(facts, UI_SUBJECT(place.cluster), urn));
}
