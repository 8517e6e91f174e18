#pragma once

#include "carillon/Api.h"
#include "carillon/Handler.h"

#include <cstddef>

namespace carillon
{

class Middleware;

/// The rest of the chain, from some layer inwards. A value of two words; valid while the chain lives.
class CARILLON_API Next
{
public:
    Next(Middleware* const* first, Middleware* const* last, Handler& handler) : _first(first), _last(last), _handler(&handler) {}
    void operator()(Batch batch) const;

private:
    Middleware* const* _first;
    Middleware* const* _last;
    Handler* _handler;
};

/// One layer around every handler. It sees a batch before and after; it may settle items, so that inner layers leave them alone.
/// No state between deliveries that is not thread-safe; time through Clock. Must call `next` at most once, and let through what it throws.
class CARILLON_API Middleware
{
public:
    virtual ~Middleware();
    virtual void process(Batch batch, const Next& next) = 0;
};

} // namespace carillon
