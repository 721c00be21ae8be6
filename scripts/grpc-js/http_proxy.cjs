// In place of grpc-js' http_proxy.js: etcd is reached directly, as Go's client does it ("grpc.enable_http_proxy": 0).
module.exports = {
  mapProxyName: (target) => ({ target, extraOptions: {} }),
  getProxiedConnection: () => Promise.resolve(null),
};
