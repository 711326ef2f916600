#pragma once

// The difference between two messages of one type, as exa.reactive_component_pb tells it: scalars and strings whole,
// messages by their own differences, lists by length and changed elements, maps by key.

#include <google/protobuf/message.h>

#include "proto/reactive_component.pb.h"

namespace sim::ls {

exa::reactive_component_pb::MessageDiff diff_messages(const google::protobuf::Message& from,
                                                      const google::protobuf::Message& to);

}  // namespace sim::ls
