"use strict";

// The table's indexes (indexes.json), as the param tableUpgrade says.

const { indexes, upgrade } = require("./indexes.json");

module.exports = async ({ resolveVariable }) => {
  const step = await resolveVariable("param:tableUpgrade");
  return upgrade[step].map((name) => {
    const { KeySchema, Projection } = indexes[name];
    return { IndexName: name, KeySchema, Projection };
  });
};
