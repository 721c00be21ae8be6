// The stand-in for node:child_process inside commander.
module.exports = {
  spawn() {
    throw new Error("commander must not start a program: no subcommand is a separate executable");
  },
};
