"""Who a run's people were, counted: what is known of every visit, gathered while a run is computed once more."""
