// A floor: one put through grpc-js without options, with messages encoded by hand. Argument: host:port.
const grpc = require("@grpc/grpc-js");

const client = new grpc.Client(process.argv[2], grpc.credentials.createInsecure());
const message = Buffer.from([10, 5, ...Buffer.from("floor"), 18, 1, 118]);
client.makeUnaryRequest(
  "/etcdserverpb.KV/Put",
  () => message,
  (bytes) => bytes,
  null,
  (error) => {
    if (error) throw error;
    console.log("OK");
    process.exit(0);
  },
);
