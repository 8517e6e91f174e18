#pragma once

#include "carillon/Api.h"
#include "carillon/Errors.h"

#include <map>
#include <string>
#include <typeindex>
#include <typeinfo>

namespace carillon
{

/// Collaborators by interface. Filled at start by the program, read by plugins' factories; not changed afterwards.
/// Does not own what it holds. Not thread-safe while it is filled.
class CARILLON_API Services
{
public:
    template <typename Interface>
    void provide(Interface& service)
    {
        put(typeid(Interface), &service);
    }

    /// Throws ConfigurationError naming the interface when nobody provides it.
    template <typename Interface>
    Interface& get() const
    {
        return *static_cast<Interface*>(find(typeid(Interface)));
    }

private:
    void put(const std::type_info& type, void* service);
    void* find(const std::type_info& type) const;

    std::map<std::type_index, void*> _services;
};

} // namespace carillon
