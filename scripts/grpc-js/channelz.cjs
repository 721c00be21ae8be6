// The stand-in for the channelz module of grpc-js, a service that reports open channels. Our channels disable it
// ("grpc.enable_channelz": 0) and then call only these functions, which do nothing.
const nothing = () => undefined;

class ChannelzTraceStub {
  addTrace() {
    nothing();
  }
}

class ChannelzCallTrackerStub {
  addCallStarted() {
    nothing();
  }
  addCallSucceeded() {
    nothing();
  }
  addCallFailed() {
    nothing();
  }
}

class ChannelzChildrenTrackerStub {
  refChild() {
    nothing();
  }
  unrefChild() {
    nothing();
  }
}

let lastId = 0;
const register = (kind) => (name) => ({ id: ++lastId, name, kind });

module.exports = {
  ChannelzTraceStub,
  ChannelzTrace: ChannelzTraceStub,
  ChannelzCallTrackerStub,
  ChannelzCallTracker: ChannelzCallTrackerStub,
  ChannelzChildrenTrackerStub,
  ChannelzChildrenTracker: ChannelzChildrenTrackerStub,
  registerChannelzChannel: register("channel"),
  registerChannelzSubchannel: register("subchannel"),
  registerChannelzSocket: register("socket"),
  unregisterChannelzRef: nothing,
};
