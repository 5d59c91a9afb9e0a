/** Every rule of the pack, one a promise. */
export * from "./container";
export * from "./life";
export * from "./network";
export * from "./tls";
export * from "./grants";
export * from "./webUi";
