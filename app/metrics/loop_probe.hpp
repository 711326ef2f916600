#pragma once

// Whether the redirect catches the service itself: each connection to an origin would come back as a client's
// connection, which opens the next. Checked when the service starts, and by /readyz once it has happened.

#include <string>

#include "app/base/endpoint.hpp"

namespace app {

/// True if a connection of ours to port 443 within this machine arrives at one of these. Takes as long as the kernel
/// needs to accept or refuse it; nothing is sent.
bool comes_back(const endpoints& listening);

/// For a person: what is wrong and what to do.
std::string own_traffic_redirected();

}  // namespace app
