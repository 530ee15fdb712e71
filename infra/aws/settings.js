"use strict";

// The settings of the functions that a param fills, and the param's value: the one that is given, or the default.

const { settings } = require("./settings.json");

module.exports = {
  settings,
  async valueOf(param, resolveVariable) {
    // An empty text is no value to osls: what is left then is the default.
    const value = String(await resolveVariable(`param:${param}, ''`));
    return value === "" && param in settings ? settings[param].default || "" : value;
  },
};
