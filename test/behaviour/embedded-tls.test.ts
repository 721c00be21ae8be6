// The behaviour suite on the embedded server over TLS with client certificates.
import { embeddedOverTls } from "./runners";
import { behavesAsEtcd } from "./suite";

behavesAsEtcd(embeddedOverTls());
