//! A broker: replicas, connections, requests that wait.
