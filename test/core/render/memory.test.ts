/** What a container's memory is limited to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { limitMemory } from "../../../core/render/memory";

test("leaves no room for swap beyond the memory limit", () => {
  assert.deepEqual(limitMemory(768, true), { memory: 768, memorySwap: 768 });
});

test("asks for the limit that an engine without swap accounting stores", () => {
  assert.deepEqual(limitMemory(768, false), { memory: 768, memorySwap: -1 });
});
