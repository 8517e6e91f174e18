#pragma once

#include "carillon/Middleware.h"

namespace carillon::chain
{

/// Gives each message a span of its own below its publisher's (W3C Trace Context), so that logs, pushes and follow-ups carry one trace.
/// Outermost layer: all that happens belongs to the span.
class TraceMiddleware final : public Middleware
{
public:
    void process(Batch batch, const Next& next) override;
};

} // namespace carillon::chain
