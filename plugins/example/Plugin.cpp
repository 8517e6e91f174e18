// The smallest plugin there can be: one message type, one handler, one line that exports it.
#include "carillon/Plugin.h"

namespace
{

class PrintHandler final : public carillon::Handler
{
public:
    carillon::Outcome handle(const carillon::Envelope& envelope, carillon::Context& context) override
    {
        // Never the body: a log outlives the message and is read by more people.
        context.logger().info("printed", {{"id", envelope.id}, {"attempt", envelope.attempt}, {"bytes", envelope.body.size()}});
        return carillon::Outcome::ack();
    }
};

constexpr const char* schema = R"({
    "type": "object",
    "required": ["text"],
    "additionalProperties": false,
    "properties": {"text": {"type": "string", "maxLength": 1000}}
})";

void registerExample(carillon::Registry& registry)
{
    registry.add<PrintHandler>("example.print", {.schema = schema, .transaction = carillon::TransactionKind::None});
}

} // namespace

CARILLON_PLUGIN("example", "1.0.0", registerExample)
