// Preloaded into a command. When it exits, this writes when each phase ended, in milliseconds since the start of the process.
const channel = require("node:diagnostics_channel");
const fs = require("node:fs");

const ends = {};
const end = (phase) => (ends[phase] ??= performance.now());

end("boot of Node, and of this measurement");
channel.subscribe("net.client.socket", ({ socket }) => {
  end("load and run the program, up to the socket");
  socket.once("connect", () => end("connect"));
  socket.once("data", () => {
    end("HTTP/2 settings of the server");
    socket.once("data", () => end("the response's first bytes"));
  });
});
const { writeSync } = fs;
fs.writeSync = (...parameters) => {
  end("decode and print");
  return writeSync(...parameters);
};
process.on("exit", () => {
  end("close");
  fs.writeFileSync(process.env.PHASES_REPORT, JSON.stringify(ends));
});
