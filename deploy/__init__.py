"""What is built and run around the product: images, roles, what stands on other machines."""
