//! Seals a bundle of evidence, and verifies one offline.
