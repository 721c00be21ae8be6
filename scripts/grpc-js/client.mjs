// The parts of grpc-js that the transport uses. Its server, other load balancers and admin services are a third of the package
// and of its load time. Names and setup are those of the package's entry point: the same resolvers, and the load balancer of
// a channel with one address.
import callCredentials from "../../node_modules/@grpc/grpc-js/build/src/call-credentials.js";
import channel from "../../node_modules/@grpc/grpc-js/build/src/channel.js";
import channelCredentials from "../../node_modules/@grpc/grpc-js/build/src/channel-credentials.js";
import states from "../../node_modules/@grpc/grpc-js/build/src/connectivity-state.js";
import constants from "../../node_modules/@grpc/grpc-js/build/src/constants.js";
import pickFirst from "../../node_modules/@grpc/grpc-js/build/src/load-balancer-pick-first.js";
import metadata from "../../node_modules/@grpc/grpc-js/build/src/metadata.js";
import dns from "../../node_modules/@grpc/grpc-js/build/src/resolver-dns.js";
import ip from "../../node_modules/@grpc/grpc-js/build/src/resolver-ip.js";
import unix from "../../node_modules/@grpc/grpc-js/build/src/resolver-uds.js";

for (const part of [dns, unix, ip, pickFirst]) part.setup();

export const Channel = channel.ChannelImplementation;
export const ChannelCredentials = channelCredentials.ChannelCredentials;
export const Metadata = metadata.Metadata;
export const connectivityState = states.ConnectivityState;
export const credentials = { createEmpty: callCredentials.CallCredentials.createEmpty };
export const status = constants.Status;
