#pragma once

// The two kinds of subscription to a cascade.

#include <memory>
#include <string>

#include "proto/jetski_cortex.pb.h"
#include "proto/reactive_component.pb.h"
#include "test/sim/language_server/update_stream_writer.hpp"

namespace sim::ls {

using reactive_response = exa::reactive_component_pb::StreamReactiveUpdatesResponse;
using agent_response = exa::jetski_cortex_pb::StreamAgentStateUpdatesResponse;

/// Both begin to send at once and delete themselves when the call is over.
grpc::ServerWriteReactor<reactive_response>* reactive_stream(std::shared_ptr<live_cascade>, std::string subscriber_id,
                                                             const switches&);
grpc::ServerWriteReactor<agent_response>* agent_stream(std::shared_ptr<live_cascade>, std::string subscriber_id);

}  // namespace sim::ls
