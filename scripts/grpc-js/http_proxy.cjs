// The stand-in for the http_proxy module of grpc-js. Like Go's client, ours connects to etcd without a proxy ("grpc.enable_http_proxy": 0).
module.exports = {
  mapProxyName: (target) => ({ target, extraOptions: {} }),
  getProxiedConnection: () => Promise.resolve(null),
};
